export type StopReason = 'newer-version' | 'foreign-log' | 'another-runner' | 'changed-definition';

/** The engine can't go on, and trying again won't help. */
export class ProjectionsStopped extends Error {
  override readonly name = 'ProjectionsStopped';
  readonly reason: StopReason;
  constructor(reason: StopReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
