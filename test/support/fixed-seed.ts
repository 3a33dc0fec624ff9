import fc from 'fast-check';

/** The data of all property tests, the same in every run, so that a run fails for what was changed; FC_SEED takes others. */
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20_260_301) });
