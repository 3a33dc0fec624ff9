import { SILENCE_MS } from './silence.ts';

/** What a source said last: its whole state after that report. `heardAt` is epoch ms. */
export type SourceState<S> = { readonly source: string; readonly sequence: number; readonly heardAt: number; readonly state: S };

/** What each source of the contact center said last (7.1): its truth, kept in memory and not in the log. */
export type ReportSources<S> = {
  /** Takes what a source said; a sequence not above its last changes nothing and answers false. */
  readonly put: (told: SourceState<S>) => boolean;
  readonly stateOf: (source: string) => S | undefined;
  /** The last sequence of each source. */
  readonly sequences: () => ReadonlyMap<string, number>;
  /** The states of sources heard within the last 30 s. */
  readonly heard: (now: number) => readonly S[];
  /** The states of all sources, however long they have been silent. */
  readonly all: () => readonly S[];
  /** When the next source falls silent (epoch ms); undefined when none is heard. */
  readonly nextSilence: (now: number) => number | undefined;
};

/** `clockSpeed` stretches the silence on a clock that runs fast, for the reports come over a network that doesn't. */
export const reportSources = <S>(clockSpeed = 1): ReportSources<S> => {
  const sources = new Map<string, SourceState<S>>();
  const silenceMs = SILENCE_MS * clockSpeed;
  const heard = (now: number) => [...sources.values()].filter(({ heardAt }) => now - heardAt < silenceMs);
  return {
    put: (told) => {
      const before = sources.get(told.source);
      if (before !== undefined && told.sequence <= before.sequence) return false;
      sources.set(told.source, told);
      return true;
    },
    stateOf: (source) => sources.get(source)?.state,
    sequences: () => new Map([...sources].map(([name, { sequence }]) => [name, sequence])),
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
