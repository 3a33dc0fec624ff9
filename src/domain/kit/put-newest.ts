/** Puts an entry at a map's end, and takes out what was put in first where that makes more than `most`: its key is answered. */
export const putNewest = <K, V>(map: Map<K, V>, key: K, value: V, most: number): K | undefined => {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.size > most ? map.keys() : [];
  if (oldest !== undefined) map.delete(oldest);
  return oldest;
};
