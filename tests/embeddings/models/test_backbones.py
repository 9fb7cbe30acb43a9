from embeddings.models.backbones import BACKBONES


def test_the_eight_of_the_study_come_first() -> None:
    names = ["ResNet50", "VGG19", "VGG16", "InceptionV3", "NASNetMobile", "MobileNet", "MobileNetV2", "Xception"]
    assert [backbone.name for backbone in BACKBONES.values() if backbone.in_study] == names == list(BACKBONES)[:8]
