"""Of lmms-eval's base class only what a subclass meets."""

from abc import ABC, abstractmethod


class lmms(ABC):
    is_simple = True

    def __init__(self):
        self.task_dict = {}

    @abstractmethod
    def loglikelihood(self, requests): ...

    @abstractmethod
    def generate_until(self, requests): ...

    @abstractmethod
    def generate_until_multi_round(self, requests): ...
