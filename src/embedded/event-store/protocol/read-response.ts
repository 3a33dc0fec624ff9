import { empty, message } from './wire.ts';

/** The answers to a ReadReq other than events. */
export const readResponse = {
  confirmation: (subscription: string): Buffer => message([2, message([1, subscription])]),
  checkpoint: (commit: number, prepare: number): Buffer => message([3, message([1, commit], [2, prepare])]),
  streamNotFound: (stream: string): Buffer => message([4, message([1, message([3, stream])])]),
  firstStreamPosition: (revision: number): Buffer => message([5, revision]),
  lastStreamPosition: (revision: number): Buffer => message([6, revision]),
  caughtUp: message([8, empty]),
};
