"""Numbers as people read them."""


def whole_number(value):
    """All digits of an integer, in groups if there are many: 789, 12 345."""
    return f"{value:,}".replace(",", " ") if value > 9999 else str(value)


def three_figures(value):
    """Three digits, and at most three of them behind the point: 0.042, 1.23, 45.6, 789, 12 345."""
    decimals = next((places for limit, places in ((0.9995, 3), (9.995, 2), (99.95, 1)) if value < limit), 0)
    figures = f"{value:.{decimals}f}"
    if float(figures) == 0:
        return "0"
    return figures if decimals else whole_number(int(figures))


def description(chat):
    """The chat in words: "a writer says 40 messages of 64 bytes, 20 a second, to …"."""
    writers = chat.get("writers", 1)
    who = "a writer says" if writers == 1 else f"{writers} writers say"
    return (f"{who} {chat['messages']} messages of {chat['size']} bytes, {chat['rate']:g} a second, "
            f"to {chat['clients']} readers")
