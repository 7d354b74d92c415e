"""``python -m adam_and_beyond.field``: make the stored runs of "Large output spaces"."""

from adam_and_beyond.field import judged, race, stored

if __name__ == "__main__":
    long = (
        *race.racers(),
        *stored.from_the_start(),
        *stored.sinking(),
        *stored.at_rest(),
        *stored.longer_steps()[1:],
    )
    stored.make((*stored.from_the_start(short=True), *stored.WITH_FEATURES, *long))
    judged.add_noise()
