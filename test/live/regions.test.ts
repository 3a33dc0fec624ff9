import { describe, expect, it } from 'vitest';
import { SILENCE_MS } from '../../src/live/agents.ts';
import { FORGOTTEN_MS } from '../../src/live/kit/silence.ts';
import { MOST_NODES, type RegionsReport, regionsView } from '../../src/live/regions.ts';

const NOW = 1_000_000;
const node = (region: string, name: string, healthy = true) => ({ region, node: name, healthy });
const report = (sequence: number, nodes: RegionsReport['nodes'], some: Partial<RegionsReport> = {}): RegionsReport => ({
  ...{ source: 'pbx', sequence, full: true, nodes, ...some },
});

describe('a region', () => {
  it('is healthy when one of its nodes is', () => {
    const view = regionsView();
    view.report(report(1, [node('east', '1', false), node('east', '2'), node('west', '1', false)]), NOW);
    expect([...view.healthy(NOW)]).toEqual(['east']);
    view.report(report(2, [node('east', '2', false), node('west', '1')], { full: false }), NOW);
    expect([...view.healthy(NOW)]).toEqual(['west']);
  });
  it('is healthy when one source says so, and nothing that another says of it changes that', () => {
    const view = regionsView();
    view.report(report(1, [node('east', '1')]), NOW);
    view.report(report(1, [node('east', '1', false)], { source: 'other' }), NOW);
    expect([...view.healthy(NOW)]).toEqual(['east']);
  });
  it('is not healthy once its source is silent for 30 seconds, but stays known', () => {
    const view = regionsView();
    view.report(report(1, [node('east', '1')]), NOW);
    expect(view.nextSilence(NOW)).toBe(NOW + SILENCE_MS);
    expect([...view.healthy(NOW + SILENCE_MS - 1)]).toEqual(['east']);
    expect([...view.healthy(NOW + SILENCE_MS)]).toEqual([]);
    expect(view.known()).toEqual(['east']);
    view.report(report(2, [], { full: false }), NOW + SILENCE_MS);
    expect([...view.healthy(NOW + SILENCE_MS)]).toEqual(['east']);
  });
  it('that a full report of its source leaves out is gone', () => {
    const view = regionsView();
    view.report(report(1, [node('east', '1'), node('west', '1')]), NOW);
    view.report(report(2, [node('west', '1')]), NOW);
    expect([...view.healthy(NOW)]).toEqual(['west']);
    expect(view.known()).toEqual(['west']);
  });
  it('is not changed by a sequence that is not above the last of its source', () => {
    const view = regionsView();
    expect(view.report(report(2, [node('east', '1')]), NOW)).toBe('TAKEN');
    for (const sequence of [2, 1, 0]) expect(view.report(report(sequence, []), NOW)).toBe('STALE');
    expect([...view.healthy(NOW)]).toEqual(['east']);
  });
  it('is forgotten with its source, five minutes after that was heard last', () => {
    const view = regionsView();
    view.report(report(9, [node('east', '1')]), NOW);
    view.report(report(1, [node('west', '1')], { source: 'other' }), NOW + FORGOTTEN_MS + 1);
    expect(view.known()).toEqual(['west']);
    expect(view.report(report(1, [node('east', '1')]), NOW + FORGOTTEN_MS + 1)).toBe('TAKEN');
  });
  it('has so many nodes of one source at most', () => {
    const view = regionsView();
    const nodes = Array.from({ length: MOST_NODES }, (_, n) => node('east', `${n}`));
    expect(view.report(report(1, nodes), NOW)).toBe('TAKEN');
    expect(view.report(report(2, [node('west', '1')], { full: false }), NOW)).toBe('TOO_MUCH');
    expect(view.known()).toEqual(['east']);
    expect(view.report(report(2, [node('west', '1')]), NOW)).toBe('TAKEN');
  });
});
