"""A Ray cluster that is none: what is asked of it is done here, one after another, or fails as in Ray."""

from types import ModuleType, SimpleNamespace


class RayError(Exception):
    """As of ray.exceptions, of which all others are."""


class NodeDiedError(RayError):
    """A machine is gone."""


class TaskUnschedulableError(RayError):
    """No machine can take a task."""


class FakeRay(ModuleType):
    """Stands for the module ``ray``.

    Attributes:
        hosts: names of the machines, of one core each.
        failures: by name of a function, what asking for its result raises.
        unreachable: what connecting raises; None where the cluster answers.
        is_connected: whether somebody is connected.
    """

    def __init__(self, *hosts, failures=None, unreachable=None):
        super().__init__("ray")
        self.hosts, self.failures, self.unreachable = hosts, failures or {}, unreachable
        self.is_connected = False
        self.exceptions = SimpleNamespace(
            RayError=RayError, NodeDiedError=NodeDiedError, TaskUnschedulableError=TaskUnschedulableError
        )

    @property
    def modules(self):
        """What to put among the imported modules."""
        scheduling = ModuleType("ray.util.scheduling_strategies")
        scheduling.NodeAffinitySchedulingStrategy = lambda node, soft: node
        return {"ray": self, "ray.util": ModuleType("ray.util"), scheduling.__name__: scheduling}

    def init(self, **options):
        if self.unreachable is not None:
            raise self.unreachable
        self.is_connected = True

    def shutdown(self):
        self.is_connected = False

    def cluster_resources(self):
        return {"CPU": len(self.hosts)}

    def nodes(self):
        return [
            {"Alive": True, "Resources": {"CPU": 1}, "NodeID": host, "NodeManagerHostname": host}
            for host in self.hosts
        ]

    def remote(self, **options):
        return lambda function: _Remote(function)

    def wait(self, references, timeout):
        return references[:1], references[1:]

    def get(self, reference):
        if reference.name in self.failures:
            raise self.failures[reference.name]
        return reference.result()


class _Remote:
    def __init__(self, function):
        self.function = function

    def options(self, **options):
        return self

    def remote(self, *arguments):
        return _Reference(self.function.__name__, lambda: self.function(*arguments))


class _Reference:
    def __init__(self, name, result):
        self.name, self.result = name, result
