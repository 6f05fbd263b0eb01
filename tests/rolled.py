"""Rollouts in verifiers' own classes, as its harnesses record them."""

from typing import Any


def trace(task: Any, said: str) -> Any:
    """One turn: the task's prompt, and a reply to it."""
    import verifiers.v1 as vf
    from verifiers.v1.graph import MessageNode
    from verifiers.v1.trace import AgentInfo, TraceTask

    user, assistant = task.data.prompt[-1], vf.AssistantMessage(content=said)
    return vf.Trace(
        task=TraceTask(type=type(task).__name__, data=task.data, key=task.key),
        agent=AgentInfo(config=vf.AgentConfig()),
        nodes=[
            MessageNode(message=user),
            MessageNode(parent=0, message=assistant, sampled=True),
        ],
    )
