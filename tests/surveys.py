"""Small surveys of answers in the three forms that can be loaded: people, shares, counts."""

PEOPLE = "group,weight,q1,q2\n" + "".join(f"{g},1,{n % 2},{n % 3}\n" for g in ("a", "b", "c") for n in range(6))
SHARES = "question,option,group,p,group_share\n" + "".join(
    f"{q},{o},{g},{p},{s}\n"
    for q in ("q1", "q2")
    for g, s in (("a", 0.5), ("b", 0.3), ("c", 0.2))
    for o, p in (("yes", 0.4), ("no", 0.6))
)
COUNTS = "question,option,group,n\n" + "".join(
    f"q1,{o},{g},{n}\n" for g, n in (("a", 50), ("b", 30), ("c", 20)) for o in ("yes", "no")
)
