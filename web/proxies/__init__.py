"""What a proxy before this program can get wrong, and how its operator learns of it: on the page that refuses a form, on
/healthz/proxy, by `manage.py check --deploy`, and from docs/proxies.md, which is shown at /help/proxies."""
