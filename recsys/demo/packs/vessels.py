"""Packs with a round body: tin, bottle, jar, pump bottle and the effervescent tube's like."""

from PIL import Image, ImageDraw

from recsys.demo.colours import WHITE, Colour, colour, darker, lighter, mix
from recsys.demo.labels import front
from recsys.demo.labels.panel import Design
from recsys.demo.packs.turned import Form, assembled, label_size

SAFE = (0.2, 0.8)  # the part of a wrapped label that faces the camera
AMBER = colour("7a3d12")
STEEL = colour("c9ced4")


def _label(design: Design, form: Form, height: int, safe: tuple[float, float] = SAFE) -> Image.Image:
    return front(design, *label_size(form, height), safe)


def tin(design: Design, height: int) -> Image.Image:
    """Draw a tin with its seams and a plastic or metal lid."""
    radius = (0.3, 0.34, 0.375)[design.look % 3] + 0.03 * (1 - round(design.step * 2) / 2)
    lid = 0.1 + 0.02 * (design.look % 2)
    form = Form(
        profile=(
            (0, radius * 0.985),
            (0.02, radius),
            (lid, radius),
            (lid + 0.012, radius * 0.965),
            (lid + 0.03, radius * 0.975),
            (0.955, radius * 0.975),
            (0.965, radius),
            (1, radius * 0.99),
        ),
        lid=lid,
        label=(lid + 0.022, 0.958),
        pitch=0.13,
        metal=True,
    )
    lid_colour: Colour = (design.brand.main, design.accent, STEEL, WHITE)[design.look // 3 % 4]
    return assembled(form, height, _label(design, form, height), body=STEEL, lid=lid_colour)


def jar(design: Design, height: int) -> Image.Image:
    """Draw a wide jar with a screw lid."""
    width = (0.4, 0.46, 0.54, 0.62)[(design.look + round(2 * (1 - design.step))) % 4]
    lid = 0.24 if width > 0.5 else 0.19
    neck = lid + 0.05
    form = Form(
        profile=(
            (0, width * 0.93),
            (0.03, width * 0.95),
            (lid, width * 0.95),
            (lid + 0.001, width * 0.88),
            (neck, width * 0.95),
            (neck + 0.03, width),
            (0.95, width),
            (0.985, width * 0.96),
            (1, width * 0.9),
        ),
        lid=lid,
        label=(neck + 0.035, 0.93),
        pitch=0.12,
        ridges=44 if design.look % 2 else 0,
    )
    body: Colour = (WHITE, lighter(design.accent, 0.5), AMBER, darker(design.brand.main, 0.4))[design.look // 5 % 4]
    lid_colour: Colour = (design.brand.main, WHITE, (34, 34, 38), design.brand.second)[design.look // 7 % 4]
    tall = round(height * (0.74 if width > 0.5 else 0.86))
    return assembled(form, tall, _label(design, form, tall), body=body, lid=lid_colour)


def bottle(design: Design, height: int) -> Image.Image:
    """Draw a bottle: for tablets with a wide cap, for liquids with a neck."""
    liquid = design.weight.endswith("ml")
    step = round(design.step * 2) / 2
    return _flask(design, height) if liquid else _tablet_bottle(design, height, step)


def _tablet_bottle(design: Design, height: int, step: float) -> Image.Image:
    width = (0.25, 0.285, 0.32)[design.look % 3] + 0.05 * step
    form = Form(
        profile=(
            (0, width * 0.74),
            (0.02, width * 0.78),
            (0.19, width * 0.78),
            (0.191, width * 0.66),
            (0.22, width * 0.66),
            (0.25, width * 0.8),
            (0.3, width * 0.97),
            (0.33, width),
            (0.96, width),
            (0.985, width * 0.96),
            (1, width * 0.9),
        ),
        lid=0.19,
        label=(0.345, 0.92),
        pitch=0.1,
        ridges=40,
    )
    body: Colour = (WHITE, AMBER, colour("2a3f7a"), WHITE, colour("1f5a3c"))[design.look // 3 % 5]
    lid: Colour = (WHITE, design.brand.main, design.accent, (40, 40, 44))[design.look // 11 % 4]
    return assembled(form, height, _label(design, form, height), body=body, lid=lid)


def _flask(design: Design, height: int) -> Image.Image:
    width = (0.185, 0.22, 0.25)[design.look % 3]
    neck = width * 0.42
    form = Form(
        profile=(
            (0, neck * 1.08),
            (0.015, neck * 1.15),
            (0.12, neck * 1.15),
            (0.121, neck * 0.85),
            (0.17, neck * 0.9),
            (0.23, width * 0.72),
            (0.29, width * 0.95),
            (0.33, width),
            (0.965, width),
            (0.99, width * 0.95),
            (1, width * 0.9),
        ),
        lid=0.12,
        label=(0.37, 0.92),
        pitch=0.08,
        ridges=30,
        gloss=0.8,
    )
    body: Colour = (AMBER, mix(design.accent, (60, 30, 20), 0.3), WHITE, colour("2f6b45"))[design.look // 3 % 4]
    lid: Colour = (WHITE, design.brand.main, colour("d6b25e"), (36, 36, 40))[design.look // 11 % 4]
    return assembled(form, height, _label(design, form, height), body=body, lid=lid)


def pump(design: Design, height: int) -> Image.Image:
    """Draw a bottle with a dispenser on top."""
    width = (0.2, 0.235, 0.27)[design.look % 3] - 0.02 * round(design.step * 2) / 2
    shoulder = 0.13 if design.look % 2 else 0.2
    form = Form(
        profile=(
            (0, 0.055),
            (0.01, 0.06),
            (0.09, 0.06),
            (0.091, 0.05),
            (shoulder - 0.02, width * 0.6),
            (shoulder + 0.03, width * 0.95),
            (shoulder + 0.06, width),
            (0.96, width),
            (0.985, width * 0.95),
            (1, width * 0.88),
        ),
        lid=0.09,
        label=(shoulder + 0.1, 0.92),
        pitch=0.09,
        ridges=24,
        gloss=0.75,
    )
    body: Colour = (WHITE, lighter(design.accent, 0.62), lighter(design.brand.main, 0.2), lighter(design.accent, 0.35))[
        design.look // 3 % 4
    ]
    lid: Colour = (WHITE, (46, 46, 50), design.brand.main)[design.look // 11 % 3]
    tall = round(height * 0.82)
    bottle_picture = assembled(form, tall, _label(design, form, tall), body=body, lid=lid)
    head = _dispenser(height - tall + 6, lid)
    picture = Image.new("RGBA", (bottle_picture.width, height))
    picture.paste(head, (bottle_picture.width // 2 - round(head.width * 0.68), 0))
    picture.paste(bottle_picture, (0, height - tall), bottle_picture)
    return picture


def _dispenser(height: int, fill: Colour) -> Image.Image:
    width = round(height * 1.9)
    center = width * 0.68
    fine = 3
    image = Image.new("RGBA", (width * fine, height * fine))
    draw = ImageDraw.Draw(image)
    dark, light = darker(fill, 0.22), lighter(fill, 0.3)
    stem = height * 0.13

    def box(left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        return left * fine, top * fine, right * fine, bottom * fine

    draw.rectangle(box(center - stem, height * 0.3, center + stem, height), fill=darker(fill, 0.1))
    draw.rectangle(box(center + stem * 0.3, height * 0.3, center + stem, height), fill=dark)
    draw.rounded_rectangle(
        box(center - height * 0.34, height * 0.08, center + height * 0.34, height * 0.4), height * 0.4, fill=fill
    )
    draw.polygon(
        [
            (point[0] * fine, point[1] * fine)
            for point in (
                (center, height * 0.1),
                (center - height * 0.95, height * 0.2),
                (center - height * 0.98, height * 0.42),
                (center - height * 0.9, height * 0.42),
                (center - height * 0.84, height * 0.34),
                (center, height * 0.4),
            )
        ],
        fill=fill,
    )
    draw.rectangle(box(center - height * 0.8, height * 0.33, center + height * 0.34, height * 0.39), fill=dark)
    draw.line(
        (center * fine - height * 2.4, height * 0.17 * fine, center * fine + height * 0.8, height * 0.13 * fine),
        fill=light,
        width=round(height * 0.12),
    )
    return image.reduce(fine)
