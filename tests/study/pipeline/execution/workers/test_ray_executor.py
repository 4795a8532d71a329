"""Protects: a cluster makes of a recipe what one process makes, also when a machine of it is lost."""

import time
from contextlib import contextmanager

import pytest

from mllmu.errors import UserError
from mllmu.study import run
from mllmu.study.pipeline.execution.workers import ray_executor
from tests.study.small_runs import Diary, brief_recipe, same_run

ray = pytest.importorskip("ray", reason="needs Ray: pip install 'mllmu[ray]'")
cluster_utils = pytest.importorskip("ray.cluster_utils", reason="needs Ray: pip install 'mllmu[ray]'")

NODE = {"num_cpus": 1, "object_store_memory": 80 * 2**20}


@pytest.fixture
def cluster():
    """Two nodes of one core each."""
    both = cluster_utils.Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
    yield both
    ray.shutdown()
    both.shutdown()


class Loses(Diary):
    """Ends a node in the middle of a stage, as soon as both are at work."""

    def __init__(self, cluster, node):
        super().__init__()
        self.cluster, self.node, self.in_hand = cluster, node, 0

    def begin(self, title):
        self.in_hand += 1
        if self.in_hand == 2 and self.node is not None:
            while ray.available_resources().get("CPU"):
                time.sleep(0.05)
            self.cluster.remove_node(self.node, allow_graceful=False)
            self.node = None

    def end(self, title):
        super().end(title)
        self.in_hand -= 1


def test_a_cluster_that_loses_a_node_ends_as_one_process(brief_run, random_model_folder, cluster, tmp_path):
    diary = Loses(cluster, cluster.add_node(**NODE))
    run(brief_recipe(random_model_folder), tmp_path, "cpu", diary, cluster=cluster.address)
    assert diary.node is None
    assert len(diary.done) + len(diary.found) == diary.expected[-1]
    assert same_run(tmp_path, brief_run)

    @contextmanager
    def elsewhere(path):
        yield tmp_path / "elsewhere"

    # What is written here is not seen there, as on a machine that does not share the folder.
    with pytest.MonkeyPatch.context() as patch, pytest.raises(UserError, match=r"cannot see .*all machines"):
        patch.setattr(ray_executor, "atomic_file", elsewhere)
        run(brief_recipe(random_model_folder), tmp_path, "cpu", cluster=cluster.address)


def test_a_cluster_that_is_not_there_is_told(random_model_folder, tmp_path):
    with pytest.raises(UserError, match=r"no Ray cluster answers at 'nowhere'.*expected auto, HOST:PORT"):
        run(brief_recipe(random_model_folder), tmp_path, "cpu", cluster="nowhere")
