"""``python -m adam_and_beyond``: audit an optimizer, reproduce the experiments on images."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence

import tqdm

from adam_and_beyond import methods, results
from adam_and_beyond.audit import command as audit_command

try:
    from adam_and_beyond.images import datasets, experiments, report, runs, training, watching
    from adam_and_beyond.images.tables import RunTable
    from adam_and_beyond.images.tasks import Setting
except ModuleNotFoundError as error:
    # Without the extra `images` the program audits, and says what the rest of it needs.
    if error.name != "equinox":
        raise
    experiments = None

_EXAMPLES = """examples:
  python -m adam_and_beyond audit adabelief --learning-rate 0.5
  python -m adam_and_beyond reproduce figure-2-logistic --dataset digits --quick
  python -m adam_and_beyond fetch mnist
  python -m adam_and_beyond reproduce figure-2-network --full
"""
_OF_A_MACHINE = ("--data", "--folder", "--checkpoint-every")  # where and how often, not what
_INTERRUPTED = {
    "reproduce": "Interrupted; the same command goes on from the last checkpoint.",
    "watch": "Interrupted; nothing was stored, and the same command begins anew.",
    "fetch": "Interrupted; what is whole is kept, and the same command fetches the rest.",
}
_NEEDS_IMAGES = "needs equinox and scikit-learn: pip install 'adam-and-beyond[images]'"


def _reproduce_parser(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser(
        "reproduce",
        help="train the models of one of the paper's figures",
        description="Train the models of one of the paper's figures, print the best settings. "
        f"Finished runs and checkpoints lie in {runs.WORKSHOP}; called again, the command goes on "
        "from there. Without --quick or --full: Adam and AMSGrad, all alphas, one seed.",
    )
    parser.add_argument("experiment", choices=experiments.EXPERIMENTS)
    parser.add_argument("--dataset", choices=datasets.SHAPES, help="other data")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="three alphas, one seed: a minute")
    size.add_argument("--full", action="store_true", help="every method, alpha, beta2 and seed")
    parser.add_argument(
        "--resume",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="count what is finished (the default); --no-resume begins anew",
    )
    parser.add_argument("--methods", nargs="+", choices=methods.CATALOGUE, metavar="METHOD")
    parser.add_argument("--alphas", nargs="+", type=float, metavar="ALPHA")
    parser.add_argument("--beta2", nargs="+", type=float)
    parser.add_argument("--seeds", nargs="+", type=int, metavar="SEED")
    parser.add_argument(
        "--replicates",
        nargs="+",
        type=int,
        metavar="COUNT",
        help="0: the run itself; others begin with an alpha so many float32 numbers up",
    )
    parser.add_argument("--steps", type=int, help="of each run")
    parser.add_argument("--data", metavar="FOLDER", help=f"of data; default: ${datasets.VARIABLE}")
    parser.add_argument("--folder", help="for finished runs and checkpoints")
    parser.add_argument("--devices", type=int, default=1, help="that share each batch (default 1)")
    parser.add_argument("--checkpoint-every", type=float, default=120.0, metavar="SECONDS")
    parser.add_argument("--store", action="store_true", help="put all finished runs into results/")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m adam_and_beyond",
        description=__doc__.split(": ", 1)[1],
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    audit_command.add_parser(commands)
    if experiments is None:
        for name in _INTERRUPTED:
            commands.add_parser(name, help="needs the extra `images`", add_help=False)
        return parser
    _reproduce_parser(commands)
    watch = commands.add_parser(
        "watch",
        help="train Adam and AMSGrad and watch where Gamma is negative",
        description="Train Adam and AMSGrad at their best stored settings, seed 0, watch Gamma and "
        "the learning rate of every coordinate, and store what was seen in the folder of results.",
    )
    watch.add_argument("experiment", choices=tuple(experiments.EXPERIMENTS))
    watch.add_argument(
        "--steps", type=int, metavar="STEPS", help="of each run; default: those of the experiment"
    )
    watch.add_argument("--data", metavar="FOLDER", help=f"of data; default: ${datasets.VARIABLE}")
    fetch = commands.add_parser(
        "fetch",
        help="download data sets and check them",
        description="Download data sets from their official addresses into the folder that "
        f"{datasets.VARIABLE} names, or into the user's cache, and check their sha256.",
    )
    fetch.add_argument("names", nargs="+", choices=datasets.SOURCES)
    fetch.add_argument("--data", metavar="FOLDER", help="where to put them")
    return parser


def _selection(arguments: argparse.Namespace) -> dict[str, list]:
    given = {
        "method": arguments.methods,
        "alpha": arguments.alphas,
        "beta2": arguments.beta2,
        "seed": arguments.seeds,
        "replicate": arguments.replicates,
    }
    only = {name: values for name, values in given.items() if values is not None}
    if not (arguments.quick or arguments.full):
        only = {"method": ["adam", "amsgrad"], "seed": [0]} | only
    return only


def _best(table: RunTable) -> str:
    """The best setting of each method by its last train loss."""
    step = int(table.steps[-1])
    lines = [f"Best by mean train loss at step {step} ({len(table.settings)} runs):"]
    lines.append(f"  {'method':16}{'alpha':>8}{'beta2':>8}{'train':>9}{'test':>9}{'accuracy':>10}")
    for method in table.methods():
        try:
            one = report.end(table, method, step)
        except ValueError as error:
            lines.append(f"  {method:16}{error}")
            continue
        beta2 = "" if one.setting.beta2 is None else f"{one.setting.beta2:g}"
        lines.append(
            f"  {method:16}{one.setting.alpha:8g}{beta2:>8}{one.train_loss:9.4f}"
            f"{one.test_loss:9.4f}{one.test_accuracy:10.2%}"
        )
    return "\n".join(lines)


def _reproduce(arguments: argparse.Namespace) -> None:
    experiment = experiments.experiment(arguments.experiment, arguments.dataset)
    steps = experiment.steps if arguments.steps is None else arguments.steps
    settings = experiments.groups(experiment, _selection(arguments), arguments.quick)
    runs.check(experiment, settings, steps, arguments.devices)
    order = {id(group): k for k, group in enumerate(settings)}
    with tqdm.tqdm(total=len(settings) * steps, unit="step", mininterval=1.0) as bar:

        def progress(group: Sequence[Setting], t: int, loss: float) -> None:
            bar.n = order[id(group)] * steps + t
            text = f"{group[0].method} seed {group[0].seed}"
            bar.set_postfix_str(text + (f" loss {loss:.4f}" if loss == loss else ""))

        table = runs.reproduce(
            experiment,
            settings,
            steps,
            resume=arguments.resume,
            folder=arguments.folder,
            root=arguments.data,
            every=arguments.checkpoint_every,
            progress=progress,
            warn=lambda text: bar.write(text, file=sys.stderr),
            devices=arguments.devices,
            command=arguments.words,
        )
    print(_best(table))
    if arguments.store:
        print(f"Stored in {runs.assemble(experiment, arguments.folder)}")


def _watch(arguments: argparse.Namespace) -> None:
    experiment = experiments.experiment(arguments.experiment)
    steps = experiment.steps if arguments.steps is None else arguments.steps
    table = runs.stored(experiment)
    settings = [table.chosen(name, experiment.steps) for name in ("adam", "amsgrad")]
    for setting in settings:
        training.check(experiment.task, [setting], steps)
    data = datasets.load(experiment.data, arguments.data)
    seen = {s.method: watching.watch(experiment.task, data, s, steps) for s in settings}
    about = {
        "command": f"python -m adam_and_beyond watch {experiment.name} --steps {steps}",
        "settings": [s._asdict() for s in settings],
        "about": runs.about(experiment, data, arguments.words),
    }
    path = results.write(runs.watched_name(experiment), about, watching.arrays(seen))
    print(f"Stored in {path}")


def _command(words: Sequence[str]) -> str:
    """A command as it is stored with results: without what concerns one machine only."""
    kept, skip = [], False
    for word in words:
        option = word.partition("=")[0]
        if not skip and option not in _OF_A_MACHINE:
            kept.append(word)
        skip = word in _OF_A_MACHINE  # its value is the next word
    return shlex.join(["python", "-m", "adam_and_beyond", *kept])


def main(given: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
      given: the words after the program's name; without, those of the process.

    Returns:
      The exit code.

    References:
      Introduced on the page "How to use this book".
    """
    words = sys.argv[1:] if given is None else given
    if experiments is None and words and words[0] in _INTERRUPTED:
        print(f"{words[0]} {_NEEDS_IMAGES}", file=sys.stderr)
        return 1
    arguments = _parser().parse_args(given)
    if arguments.command == "audit":
        return audit_command.execute(arguments)
    arguments.words = _command(words)
    try:
        if arguments.command == "fetch":
            for name in arguments.names:
                print(f"{name}: {datasets.fetch(name, arguments.data)}")
        elif arguments.command == "watch":
            _watch(arguments)
        else:
            _reproduce(arguments)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(_INTERRUPTED[arguments.command], file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
