import { type Configuration, DEFAULT_ROW } from '../configuration/state.ts';
import type { GroupRead } from './events.ts';
import type { AccessState, Folder } from './state.ts';

/** The queues that somebody reads (8.2). What isn't among them doesn't exist for him. */
export type Reads = 'all' | ReadonlySet<string>;

/** The one filter of 8.2: whether a queue, and with it its callbacks, exists for somebody. */
export const mayRead = (reads: Reads, queue: string): boolean => reads === 'all' || reads.has(queue);

const childrenOf = (folders: ReadonlyMap<string, Folder>): ReadonlyMap<string, readonly string[]> => {
  const children = new Map<string, string[]>();
  for (const [name, { parent }] of folders) {
    if (parent === null) continue;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [name]);
    else siblings.push(name);
  }
  return children;
};

/** The queues that some groups read together: every one as soon as one of them reads every one (8.2). */
export const readsOf = ({ groups, folders }: AccessState, names: Iterable<string>): Reads => {
  const queues = new Set<string>();
  const entered = new Set<string>(); // a log may hold a loop that no decider let in
  const children = childrenOf(folders);
  const enter = (root: string): void => {
    const ahead = [root];
    for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
      if (entered.has(name)) continue;
      entered.add(name);
      for (const queue of folders.get(name)?.queues ?? []) queues.add(queue);
      ahead.push(...(children.get(name) ?? []));
    }
  };
  const grant = (read: GroupRead): void => {
    if ('queue' in read) queues.add(read.queue);
    else if (read.propagate) enter(read.folder);
    else {
      const covers = new Set(read.covers);
      for (const queue of folders.get(read.folder)?.queues ?? []) if (covers.has(queue)) queues.add(queue);
    }
  };
  for (const name of names) {
    const group = groups.get(name);
    if (group === undefined) continue;
    if (group.reads === null) return 'all';
    for (const read of group.reads) grant(read);
  }
  return queues;
};

const seen = new WeakMap<ReadonlySet<string>, { readonly of: Configuration; readonly visible: Configuration }>();

/** The configuration as somebody sees it: without the queues that don't exist for him. The default row is everybody's. */
export const visibleConfiguration = (configuration: Configuration, reads: Reads): Configuration => {
  if (reads === 'all') return configuration;
  const known = seen.get(reads);
  if (known?.of === configuration) return known.visible;
  const queues = new Map([...configuration.queues].filter(([queue]) => queue === DEFAULT_ROW || reads.has(queue)));
  const visible = { ...configuration, queues };
  seen.set(reads, { of: configuration, visible });
  return visible;
};
