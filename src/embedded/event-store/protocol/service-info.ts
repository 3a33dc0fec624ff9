import { message } from './wire.ts';

/** The version of EventStoreDB whose protocol this server speaks. */
export const esVersion = '23.10.6';

const methods: readonly (readonly [service: string, method: string, features: readonly string[]])[] = [
  ['event_store.client.gossip.gossip', 'read', []],
  ['event_store.client.server_features.serverfeatures', 'getsupportedmethods', []],
  ['event_store.client.streams.streams', 'append', []],
  ['event_store.client.streams.streams', 'batchappend', ['deadline_duration']],
  ['event_store.client.streams.streams', 'delete', []],
  ['event_store.client.streams.streams', 'read', ['position', 'events']],
  ['event_store.client.streams.streams', 'tombstone', []],
];

/** SupportedMethods: what is served, and nothing else. */
export const supportedMethods = message(
  ...methods.map(
    ([service, method, features]) => [1, message([1, method], [2, service], ...features.map((feature) => [3, feature] as const))] as const,
  ),
  [2, esVersion],
);

const leader = 8;

/** ClusterInfo of one node, the leader, at `host`:`port`. `now` is in milliseconds since 1970. */
export const clusterInfo = (instanceId: string, host: string, port: number, now: number): Buffer =>
  message([1, message([1, message([2, instanceId])], [2, now * 10_000], [3, leader], [4, 1], [5, message([1, host], [2, port])])]);
