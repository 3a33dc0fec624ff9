import { FORGOTTEN_MS, MOST_SOURCES, SILENCE_MS } from './silence.ts';
import type { Taken } from './taken.ts';

/** What a source said last: its whole state after that report. `heardAt` is epoch ms. */
export type SourceState<S> = { readonly source: string; readonly sequence: number; readonly heardAt: number; readonly state: S };

/** What each source of the contact center said last (7.1): its truth, kept in memory and not in the log. */
export type ReportSources<S> = {
  /** Takes what a source said; a sequence not above its last changes nothing and answers false. */
  readonly put: (told: SourceState<S>) => boolean;
  /** Takes a report at `now` (epoch ms), folded into what its source said before; `fold` answers undefined for more than one source may say. */
  readonly report: (
    told: Pick<SourceState<S>, 'source' | 'sequence'>,
    now: number,
    fold: (before: S | undefined) => S | undefined,
  ) => Taken;
  readonly stateOf: (source: string) => S | undefined;
  /** The last sequence of each source that isn't forgotten at `now` (epoch ms). */
  readonly sequences: (now: number) => ReadonlyMap<string, number>;
  /** Sources heard last before this instant (epoch ms) are forgotten at `now`. */
  readonly forgottenBefore: (now: number) => number;
  /** The states of sources heard within the last 30 s. */
  readonly heard: (now: number) => readonly S[];
  /** The states of all sources that aren't forgotten, however long they have been silent. */
  readonly all: () => readonly S[];
  /** When the next source falls silent (epoch ms); undefined when none is heard. */
  readonly nextSilence: (now: number) => number | undefined;
};

/** `clockSpeed` stretches the silence on a clock that runs fast, for the reports come over a network that doesn't. */
export const reportSources = <S>(clockSpeed = 1): ReportSources<S> => {
  const sources = new Map<string, SourceState<S>>();
  const silenceMs = SILENCE_MS * clockSpeed;
  const forgottenBefore = (now: number): number => now - FORGOTTEN_MS * clockSpeed;
  const forget = (now: number): void => {
    for (const [name, { heardAt }] of sources) if (heardAt < forgottenBefore(now)) sources.delete(name);
  };
  const put = (told: SourceState<S>): boolean => {
    const before = sources.get(told.source);
    if (before !== undefined && told.sequence <= before.sequence) return false;
    sources.set(told.source, told);
    return true;
  };
  const heard = (now: number) => [...sources.values()].filter(({ heardAt }) => now - heardAt < silenceMs);
  return {
    put,
    report: ({ source, sequence }, now, fold) => {
      forget(now);
      const before = sources.get(source);
      if (before === undefined && sources.size >= MOST_SOURCES) return 'TOO_MANY_SOURCES';
      if (before !== undefined && sequence <= before.sequence) return 'STALE';
      const state = fold(before?.state);
      if (state === undefined) return 'TOO_MUCH';
      put({ source, sequence, heardAt: now, state });
      return 'TAKEN';
    },
    stateOf: (source) => sources.get(source)?.state,
    sequences: (now) => {
      forget(now);
      return new Map([...sources].map(([name, { sequence }]) => [name, sequence]));
    },
    forgottenBefore,
    heard: (now) => heard(now).map(({ state }) => state),
    all: () => [...sources.values()].map(({ state }) => state),
    nextSilence: (now) => {
      const ends = heard(now).map(({ heardAt }) => heardAt + silenceMs);
      return ends.length === 0 ? undefined : Math.min(...ends);
    },
  };
};

/** Keeps what was made of the sources' states from when it was made until one of them reports or falls silent. */
export const whileHeard = <T>(nextSilence: (now: number) => number | undefined, make: (now: number) => T) => {
  let made: { readonly from: number; readonly until: number; readonly value: T } | undefined;
  return {
    at: (now: number): T => {
      if (made === undefined || now < made.from || now >= made.until)
        made = { from: now, until: nextSilence(now) ?? Number.POSITIVE_INFINITY, value: make(now) };
      return made.value;
    },
    changed: (): void => {
      made = undefined;
    },
  };
};
