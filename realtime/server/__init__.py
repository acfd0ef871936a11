"""What this program adds to its server, uvicorn: bounds on what one client may cost the process (decisions 0028, 0049).

`--http realtime.server.http:HttpProtocol --ws realtime.server.sockets:SocketProtocol`, and the application in `http.bounded`.
"""
