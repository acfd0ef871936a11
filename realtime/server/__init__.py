"""What this program adds to its server, uvicorn: bounds on what one client may cost the process (decision 0028).

`--http realtime.server.http:HttpProtocol --ws realtime.server.sockets:SocketProtocol`; the sweep (sweep.py) is begun by them.
"""
