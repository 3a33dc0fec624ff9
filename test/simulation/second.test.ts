import { simulate } from './support/simulate.ts';

simulate(1);
