"""Names of arXiv categories, as arXiv's own taxonomy gives them, for the topics of records."""

from __future__ import annotations

ARCHIVES = {
    "astro-ph": "Astrophysics",
    "cond-mat": "Condensed matter",
    "cs": "Computer science",
    "econ": "Economics",
    "eess": "Electrical engineering and systems science",
    "gr-qc": "General relativity and quantum cosmology",
    "hep-ex": "High energy physics, experiment",
    "hep-lat": "High energy physics, lattice",
    "hep-ph": "High energy physics, phenomenology",
    "hep-th": "High energy physics, theory",
    "math": "Mathematics",
    "math-ph": "Mathematical physics",
    "nlin": "Nonlinear sciences",
    "nucl-ex": "Nuclear experiment",
    "nucl-th": "Nuclear theory",
    "physics": "Physics",
    "q-bio": "Quantitative biology",
    "q-fin": "Quantitative finance",
    "quant-ph": "Quantum physics",
    "stat": "Statistics",
}
"""Archive -> its name."""

NAMES = {
    "cs.AI": "Artificial intelligence",
    "cs.AR": "Hardware architecture",
    "cs.CC": "Computational complexity",
    "cs.CE": "Computational engineering, finance and science",
    "cs.CL": "Computation and language",
    "cs.CR": "Cryptography and security",
    "cs.CV": "Computer vision and pattern recognition",
    "cs.CY": "Computers and society",
    "cs.DB": "Databases",
    "cs.DC": "Distributed, parallel and cluster computing",
    "cs.DL": "Digital libraries",
    "cs.DS": "Data structures and algorithms",
    "cs.GT": "Computer science and game theory",
    "cs.HC": "Human-computer interaction",
    "cs.IR": "Information retrieval",
    "cs.IT": "Information theory",
    "cs.LG": "Machine learning",
    "cs.LO": "Logic in computer science",
    "cs.MA": "Multiagent systems",
    "cs.MM": "Multimedia",
    "cs.NE": "Neural and evolutionary computing",
    "cs.NI": "Networking and internet architecture",
    "cs.OS": "Operating systems",
    "cs.PF": "Performance",
    "cs.PL": "Programming languages",
    "cs.RO": "Robotics",
    "cs.SD": "Sound",
    "cs.SE": "Software engineering",
    "cs.SI": "Social and information networks",
    "eess.AS": "Audio and speech processing",
    "eess.IV": "Image and video processing",
    "eess.SP": "Signal processing",
    "eess.SY": "Systems and control",
    "math.NA": "Numerical analysis",
    "math.OC": "Optimization and control",
    "math.PR": "Probability",
    "math.ST": "Statistics theory",
    "q-bio.NC": "Neurons and cognition",
    "q-bio.QM": "Quantitative methods",
    "stat.AP": "Statistics, applications",
    "stat.CO": "Statistics, computation",
    "stat.ME": "Statistics, methodology",
    "stat.ML": "Statistics, machine learning",
}
"""Category -> its name; a category that is not here stands by its archive's name."""


def topic_label(code: str) -> str:
    """``cs.LG, Machine learning``; the code alone where neither it nor its archive is known."""
    name = NAMES.get(code) or ARCHIVES.get(code.partition(".")[0], "")
    return f"{code}, {name}" if name else code
