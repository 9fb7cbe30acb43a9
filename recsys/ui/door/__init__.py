"""What a request passes before Streamlit sees it: hosts, origins, closed routes, limits, the cookie."""
