/** Where this server answers otherwise than the recorded one, on purpose. The same list, in prose, is in docs/event-store.md. */
export type Difference = { readonly title: string; readonly reason: string; readonly answer: readonly string[] };

export const differences: readonly Difference[] = [
  {
    title: 'ServerFeatures.GetSupportedMethods',
    reason: 'only what is served is listed: no persistent subscriptions, projections, users, operations, monitoring or redaction',
    answer: [
      'version 23.10.6',
      'event_store.client.gossip.gossip/read []',
      'event_store.client.server_features.serverfeatures/getsupportedmethods []',
      'event_store.client.streams.streams/append []',
      'event_store.client.streams.streams/batchappend [deadline_duration]',
      'event_store.client.streams.streams/delete []',
      'event_store.client.streams.streams/read [position,events]',
      'event_store.client.streams.streams/tombstone []',
    ],
  },
  {
    title: 'readAll filtered, max search window 0',
    reason: 'the real one never answers; a refusal is of more use',
    answer: ['ERROR code=3 INVALID_ARGUMENT details="The search window of a filter must be at least 1." trailers={}'],
  },
];
