"""A text that a shop, a photo or a person may send: markup in every language that a page or a table might obey."""

HOSTILE = (
    '<script>document.title=\'taken\'</script> "onload="x" **Susu** [x](javascript:alert(1)) :red[merah] $x^2$ 🥛'
    " & =1+1\nbaris` <img src=x onerror=y>"
)
