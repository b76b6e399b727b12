"""The follower graph: counted from the platform's own lists, drawn with every line, and text stays text."""

from __future__ import annotations

import re

import networkx as nx
import numpy as np

from experiments.dashboard.followers import Followers, followers_picture
from experiments.studies.feed.followers import FOLLOWERS, followers
from platforms.social.audience.audience import Audience
from platforms.social.audience.following import Following


def test_followers_are_counted_by_group_and_drawn(rendered, tmp_path):
    groups = ("left <b>", "right")
    audience = Audience(
        groups=groups,
        group=np.array([0, 0, 1]),
        taste=np.full((3, 2), 0.5),
        budget=np.array([1, 1, 1]),
        active=np.ones(3, bool),
    )
    graph = nx.DiGraph([(0, 3), (1, 3), (1, 4), (2, 4)])
    following = Following.of(graph, members=range(3), accounts=range(3, 6))
    frame = followers(audience, following, np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]]))
    found = frame.set_index(["members", "account"])["followers"]
    assert [[int(found[group, m]) for m in range(3)] for group in groups] == [[2, 1, 0], [0, 1, 0]]
    assert frame.drop_duplicates("account")["mostly"].tolist() == ["left <b>", "right", "left <b>"]
    picture = followers_picture(frame)
    assert len(re.findall("<path", picture)) == 3
    assert "<b>" not in picture
    frame.assign(rules="now", seed=1).to_csv(tmp_path / FOLLOWERS, index=False)
    assert "2 of left &lt;b&gt; follow account 0" in rendered(Followers(tmp_path))
    (tmp_path / FOLLOWERS).write_text("rules,seed\n1,2\n")
    assert "damaged" in rendered(Followers(tmp_path))
