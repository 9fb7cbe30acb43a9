"""What the demo shop sells: categories, kinds of product, their packs, sizes and prices."""

from dataclasses import dataclass

PACKS = ("carton", "tin", "bottle", "pouch", "sachet", "tube", "jar", "blister", "bar", "pump")


@dataclass(frozen=True)
class Kind:
    """One kind of product: `rate` is IDR per unit at the smallest size."""

    title: str
    packs: tuple[str, ...]
    family: str
    unit: str
    sizes: tuple[int, ...]
    rate: float
    claims: tuple[str, ...]


@dataclass(frozen=True)
class Category:
    """A shelf of the shop: its kinds, its own brands, and the label layouts that suit it."""

    name: str
    kinds: tuple[Kind, ...]
    brands: tuple[str, ...]
    layouts: tuple[str, ...]


POWDER = (150, 300, 400, 800)
TABLETS = (10, 30, 60, 100)


def _kind(title: str, packs: str, family: str, measure: tuple[str, tuple[int, ...], float], claims: str) -> Kind:
    unit, sizes, rate = measure
    return Kind(title, tuple(packs.split()), family, unit, sizes, rate, tuple(claims.split("|")))


CATEGORIES = (
    Category(
        "Susu & Nutrisi Anak",
        (
            _kind("Susu Pertumbuhan 1-3 Tahun", "tin carton", "kidmilk", ("g", POWDER, 190), "Tinggi DHA|Zat Besi|14 Vitamin"),
            _kind("Susu Anak Sekolah", "carton pouch", "kidmilk", ("g", POWDER, 150), "Sumber Protein|Kalsium|Serat"),
            _kind("Vitamin Sirup Anak", "bottle", "kids", ("ml", (60, 100, 200), 420), "Tanpa Pewarna|Vitamin A D E|Nafsu Makan"),
            _kind("Biskuit Bayi 6+", "carton sachet", "kidmilk", ("g", (60, 120, 240), 230), "Mudah Larut|Zat Besi|Kalsium"),
            _kind("Gummy Multivitamin Anak", "jar pouch", "kids", ("butir", (30, 60, 90), 1400), "Vitamin C|Vitamin D3|Zinc"),
        ),
        ("Lalibu", "Anaktira", "Momoru", "Cilumi", "Bebikara", "Sibumilo", "Tumbira"),
        ("kids", "wave", "sunburst", "clouds"),
    ),
    Category(
        "Protein & Kebugaran",
        (
            _kind("Whey Protein Isolat", "pouch tin", "shake", ("g", (300, 500, 900, 1800), 420), "25 g Protein|BCAA 5,5 g|Rendah Gula"),
            _kind("Protein Nabati", "jar pouch", "shake", ("g", (250, 500, 900), 360), "Kacang Polong|Tanpa Laktosa|Vegan"),
            _kind("Minuman Isotonik Serbuk", "sachet tin", "fruit", ("g", (25, 250, 500), 180), "Elektrolit|Vitamin B|Cepat Segar"),
            _kind("Bar Protein", "bar carton", "cereal", ("g", (40, 240, 480), 330), "12 g Protein|Tinggi Serat|Rendah Gula"),
            _kind("BCAA & Glutamin", "jar tin", "fruit", ("g", (200, 400), 900), "2:1:1|Tanpa Gula|Pemulihan"),
        ),
        ("Kuatiga", "Masonta", "Otorava", "Vigantra", "Lariva", "Tenagara", "Gymora"),
        ("sport", "diagonal", "stripe"),
    ),
    Category(
        "Vitamin & Suplemen",
        (
            _kind("Multivitamin", "bottle blister", "adult", ("tablet", TABLETS, 1700), "23 Nutrisi|1 x Sehari|Daya Tahan"),
            _kind("Vitamin C 1000 mg", "tube bottle", "fruit", ("tablet", (10, 20, 30), 3200), "Effervescent|Zinc|Bebas Gula"),
            _kind("Vitamin D3 1000 IU", "bottle blister", "adult", ("kapsul", TABLETS, 1500), "Imunitas|Tulang|Softgel"),
            _kind("Minyak Ikan Omega 3", "bottle jar", "bone", ("kapsul", (30, 60, 120), 1900), "EPA & DHA|1000 mg|Jantung"),
            _kind("Vitamin B Kompleks", "blister carton", "adult", ("tablet", TABLETS, 900), "B1 B6 B12|Saraf|Energi"),
        ),
        ("Vitasenja", "Harivita", "Asupia", "Multiora", "Zestaria", "Nirmavia", "Solvara", "Tavirani"),
        ("band", "clinical", "medallion", "wave"),
    ),
    Category(
        "Mineral & Kesehatan Tulang",
        (
            _kind("Kalsium + D3", "blister bottle", "bone", ("tablet", TABLETS, 1300), "600 mg|Vitamin D3|Magnesium"),
            _kind("Susu Tinggi Kalsium", "carton tin", "milk", ("g", POWDER, 140), "Tulang Kuat|Rendah Lemak|Vitamin D"),
            _kind("Zinc Picolinate", "bottle blister", "adult", ("tablet", TABLETS, 1100), "Imunitas|15 mg|Kulit"),
            _kind("Magnesium Glisinat", "jar bottle", "bone", ("kapsul", (30, 60, 120), 2400), "Otot|Tidur|Tanpa Gluten"),
            _kind("Zat Besi + Asam Folat", "carton blister", "bone", ("tablet", (10, 30, 60), 950), "Darah|Folat 400 mcg|Ibu Hamil"),
        ),
        ("Mineravi", "Osteriva", "Magnesta", "Zinkara", "Feromia", "Kalsindra", "Tulangira"),
        ("clinical", "band", "diagonal", "medallion"),
    ),
    Category(
        "Herbal & Jamu",
        (
            _kind("Jamu Serbuk", "sachet carton", "herb", ("g", (7, 70, 140), 260), "Resep Warisan|Tanpa Pengawet|Hangat"),
            _kind("Madu Murni", "jar bottle", "herb", ("g", (150, 350, 650), 230), "100% Murni|Hutan Tropis|Tanpa Gula"),
            _kind("Teh Herbal Celup", "carton pouch", "herb", ("kantong", (10, 25, 50), 900), "Bebas Kafein|Alami|Menenangkan"),
            _kind("Kapsul Ekstrak", "bottle blister", "herb", ("kapsul", (30, 60, 100), 1050), "Ekstrak Murni|Halal|Alami"),
            _kind("Sirup Herbal", "bottle sachet", "herb", ("ml", (15, 100, 200), 300), "Lega|Madu|Mint"),
        ),
        ("Jamuwara", "Rimbasari", "Daunesa", "Wangira", "Akarina", "Embunara", "Padmira", "Kembaro"),
        ("heritage", "botanical", "medallion", "arch"),
    ),
    Category(
        "Nutrisi Diabetes",
        (
            _kind("Susu Rendah Indeks Glikemik", "carton tin", "milk", ("g", (180, 360, 600, 900), 210), "Rendah GI|Tanpa Sukrosa|Tinggi Serat"),
            _kind("Pemanis Stevia", "sachet jar", "herb", ("g", (50, 100, 250), 520), "0 Kalori|Stevia|Alami"),
            _kind("Biskuit Tanpa Gula", "carton pouch", "cereal", ("g", (80, 160, 320), 190), "Tanpa Gula|Serat|Gandum Utuh"),
            _kind("Kapsul Kayu Manis & Kromium", "bottle blister", "adult", ("kapsul", TABLETS, 1600), "Kromium|Gula Darah|Alami"),
            _kind("Beras Rendah GI", "pouch", "cereal", ("g", (500, 1000, 2000), 45), "Rendah GI|Serat|Pulen"),
        ),
        ("Gulanta", "Glisera", "Manisera", "Seimbara", "Rendavia", "Stabilia"),
        ("wave", "clinical", "stripe", "arch"),
    ),
    Category(
        "Diet & Pengganti Makan",
        (
            _kind("Shake Pengganti Makan", "pouch tin", "shake", ("g", (60, 300, 600, 900), 310), "220 kkal|Tinggi Serat|23 Vitamin"),
            _kind("Serat Larut", "sachet jar", "fruit", ("g", (15, 150, 300), 380), "Psyllium|Prebiotik|Kenyang"),
            _kind("Kopi Langsing", "carton sachet", "shake", ("g", (20, 150, 300), 320), "Hijau|L-Karnitin|Tanpa Gula"),
            _kind("L-Karnitin Cair", "bottle", "fruit", ("ml", (60, 250, 500), 380), "Pembakar Lemak|0 Gula|Energi"),
            _kind("Sup Konjac Instan", "pouch carton", "cereal", ("g", (40, 120, 240), 290), "Rendah Kalori|Konjac|Praktis"),
        ),
        ("Rampia", "Langsira", "Dietara", "Slimova", "Lenturi", "Ringanda"),
        ("diagonal", "minimal", "sunburst", "arch"),
    ),
    Category(
        "Perawatan Kulit & Bayi",
        (
            _kind("Krim Pelembap", "tube jar", "scent", ("g", (20, 50, 100), 700), "24 Jam|Hipoalergenik|Vitamin E"),
            _kind("Losion Tubuh", "pump bottle", "scent", ("ml", (100, 200, 400), 230), "Cepat Meresap|Lembut|pH 5,5"),
            _kind("Sabun Cair Bayi", "pump pouch", "scent", ("ml", (200, 400, 800), 130), "Tidak Pedih|Lembut|Bebas Paraben"),
            _kind("Tabir Surya SPF 50", "tube bottle", "scent", ("ml", (30, 50, 100), 1300), "SPF 50 PA+++|Ringan|Tahan Air"),
            _kind("Balsem Bayi", "jar tube", "scent", ("g", (15, 30, 60), 1100), "Hangat Lembut|Minyak Alami|Aman"),
        ),
        ("Halusia", "Lembaya", "Kulima", "Mirasena", "Senjani", "Velanta", "Bedakari"),
        ("minimal", "botanical", "clouds", "arch"),
    ),
    Category(
        "Perawatan Luka & Medis",
        (
            _kind("Plester Luka", "carton pouch", "wound", ("lembar", (10, 20, 50, 100), 620), "Steril|Lekat Kuat|Bernapas"),
            _kind("Salep Luka", "tube", "wound", ("g", (5, 15, 30), 2400), "Antibakteri|Cepat Kering|Tidak Perih"),
            _kind("Cairan Antiseptik", "bottle pump", "wound", ("ml", (30, 60, 120, 300), 330), "Povidone|Membunuh Kuman|Luka Luar"),
            _kind("Perban Elastis", "carton sachet", "wound", ("cm", (5, 8, 10, 15), 2600), "Dapat Dicuci|Elastis|Katun"),
            _kind("Kasa Steril", "sachet carton", "wound", ("lembar", (5, 10, 16), 1300), "Steril|Lembut|Katun"),
        ),
        ("Lukaria", "Sterivo", "Balutama", "Perbana", "Medikara", "Plastura"),
        ("clinical", "stripe", "band"),
    ),
    Category(
        "Sereal & Camilan Sehat",
        (
            _kind("Granola", "pouch jar", "cereal", ("g", (40, 200, 350, 500), 170), "Gandum Utuh|Tinggi Serat|Panggang"),
            _kind("Bar Buah & Kacang", "bar carton", "cereal", ("g", (25, 150, 300), 310), "Tanpa Pengawet|Serat|Renyah"),
            _kind("Sereal Gandum", "carton pouch", "cereal", ("g", (30, 150, 300, 500), 130), "Gandum Utuh|8 Vitamin|Kalsium"),
            _kind("Oat Instan", "tin sachet", "cereal", ("g", (35, 400, 800), 95), "Beta Glukan|Kolesterol|Cepat Saji"),
            _kind("Keripik Sayur", "pouch", "cereal", ("g", (25, 60, 120), 290), "Dipanggang|Rendah Lemak|Renyah"),
        ),
        ("Granoka", "Kranchia", "Oatira", "Renyahku", "Seralia", "Kasavia", "Bijina"),
        ("sunburst", "wave", "diagonal", "heritage"),
    ),
)  # fmt: skip
