"""The size limit of a visitor's photo; `maxUploadSize` and `maxMessageSize` in `.streamlit/config.toml` must match."""

MAX_UPLOAD_MEGABYTES = 10
MAX_UPLOAD_BYTES = MAX_UPLOAD_MEGABYTES * 1024**2
