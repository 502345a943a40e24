# Dialtone in a container: docs/deployment.md says how to run it.
# The Python that the tests run with.
FROM python:3.11-slim

WORKDIR /app

# Wheels only, each with its hash: nothing is compiled, so no build tools are needed, and pip goes.
COPY requirements.txt ./
RUN python -m pip install --no-cache-dir --disable-pip-version-check --root-user-action ignore \
        --require-hashes --only-binary :all: -r requirements.txt \
    && python -m pip uninstall --yes --root-user-action ignore pip setuptools wheel

# Nobody else's files: the bot may write in /data alone, where SQLite's file is.
RUN groupadd --gid 10001 dialtone \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin dialtone \
    && install --directory --owner dialtone --group dialtone --mode 0700 /data

COPY manifest.yml LICENSE ./
COPY bot/ bot/
COPY handlers/ handlers/
RUN python -m compileall -q bot handlers

USER 10001
VOLUME /data
# HOME: under a user id that nobody knows, Slack's SDK would not load without one.
ENV HOME=/data DATABASE_URL=sqlite:////data/dialtone.db
EXPOSE 3000

# Alive, not ready: a Slack or a database that is away is no reason to start the bot anew.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('PORT') or 3000), timeout=3); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]

# Without a shell in between, so that SIGTERM reaches the bot: it waits for purchases on their way.
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
