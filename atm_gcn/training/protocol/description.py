"""A protocol in words."""

from atm_gcn.config import ProtocolConfig


def describe_protocol(settings: ProtocolConfig, average_epochs: int = 0) -> str:
    """The protocol in a phrase: what is held out, and which epoch's model is taken.

    Args:
        settings: The protocol.
        average_epochs: Number of last epochs whose weights are averaged.
    """
    held_out = {
        "loso": "leave-one-subject-out",
        "kfold": f"{settings.folds} folds by subject, a quick look and not leave-one-subject-out",
        "cross": f"trained on other datasets than the tested {', '.join(settings.test or ['frame store'])}",
        "lodo": "leave-one-dataset-out",
        "all": "trained on all clips, not tested",
    }
    if settings.auxiliary is not None:
        held_out[settings.kind] += f", with other clips of {settings.auxiliary} in training"
    if settings.init_from is not None:
        held_out[settings.kind] += f", starting from the models of {settings.init_from}"
    if average_epochs:
        return f"{held_out[settings.kind]}, mean of the weights over the last {average_epochs} epochs"
    if not settings.validation_subjects:
        return f"{held_out[settings.kind]}, last epoch"
    best = {"uf1": "highest UF1", "loss": "lowest loss"}[settings.select]
    return f"{held_out[settings.kind]}, epoch of {best} on {settings.validation_subjects} of the training subjects"
