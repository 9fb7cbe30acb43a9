from recsys.ui.compare.labels import Point, places_beside

X, Y = (10.0, 1000.0), (0.0, 1.0)


def point(x: float, y: float) -> Point:
    return Point("EfficientNetLite0", x, y, y, y)


def test_a_name_alone_stands_to_the_right_of_its_mark() -> None:
    assert places_beside([point(100, 0.5)], X, Y) == ["right"]


def test_a_name_is_not_cut_off_at_the_right() -> None:
    assert places_beside([point(950, 0.5)], X, Y) == ["left"]


def test_a_name_does_not_cover_the_mark_beside_it() -> None:
    places = places_beside([point(100, 0.5), point(130, 0.5)], X, Y)
    assert places[0] == "left"
    assert places[1] == "right"


def test_names_of_marks_at_the_same_spot_go_to_different_places() -> None:
    places = places_beside([point(100, 0.5)] * 4, X, Y)
    assert len(set(places)) == 4


def test_equal_qualities_of_one_backbone_can_be_placed() -> None:
    assert places_beside([point(100, 0.5)], X, (0.5, 0.5))[0] in ("right", "left", "above", "below")
