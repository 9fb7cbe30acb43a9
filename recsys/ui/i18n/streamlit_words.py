"""What Streamlit itself says on a page, in English only; the browser says it in the visitor's language instead.

A `{name}` stands for whatever Streamlit has at that place. What is not in this list stays English: the windows of
"Record screen", the texts that a chart's data table shows, and what Streamlit says before the app's first answer.
"""

from embeddings.messages import Message
from recsys.ui.i18n.translations import message_text

_WORDS = (
    Message("{number} option available."),
    Message("{number} options available."),
    Message("Choose an option"),
    Message("Clear all"),
    Message("Clear entry"),
    Message("Clear value"),
    Message("Close"),
    Message("Close fullscreen"),
    Message("Connecting"),
    Message("Connection error"),
    Message("Connection lost. Please wait for the app to reconnect, then try again."),
    Message("Copy to clipboard"),
    Message("Dark"),
    Message("Decrement"),
    Message("Dismiss"),
    Message("Download as PNG"),
    Message("Fullscreen"),
    Message("Fullscreen: {name}"),
    Message("Increment"),
    Message("Light"),
    Message("Main menu"),
    Message("Next page"),
    Message("No results"),
    Message("Open"),
    Message("Page not found"),
    Message("Page {number}"),
    Message("Pagination"),
    Message("Press Enter to apply"),
    Message("Previous page"),
    Message("Print"),
    Message("Reconnected to server."),
    Message("Record screen"),
    Message("Remove {name}"),
    Message("Running..."),
    Message("Select all"),
    Message("Selected values"),
    Message("Show chart"),
    Message("Show data"),
    Message("Skip to main content"),
    Message("Stop"),
    Message("Streamlit server is not responding. Are you connected to the internet?"),
    Message("System"),
    Message("The page that you have requested does not seem to exist. Running the app's main page."),
    Message("Theme"),
    Message("This field is required."),
)


def words_of_streamlit() -> dict[str, str]:
    """What Streamlit says, and what that is in the visitor's language."""
    return {word.text: message_text(word) for word in _WORDS}
