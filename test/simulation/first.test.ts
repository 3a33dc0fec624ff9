import { simulate } from './support/simulate.ts';

simulate(0);
