import type { FastifyPluginAsync } from 'fastify';
import { capacityRule } from '../../domain/rules/capacity-rule.ts';
import { numberRule } from '../../domain/rules/number-rule.ts';
import { regionRule } from '../../domain/rules/region-rule.ts';
import type { ApiDeps } from '../deps.ts';
import { rulesOfQueues } from './assignment.ts';
import { ruleResource } from './resource.ts';
import { capacityStatements } from './statement.ts';
import { testNumbers } from './test-number.ts';

/** /api/rules, and /api/queues/{queue}/rules. */
export const rules =
  (deps: ApiDeps): FastifyPluginAsync =>
  async (app) => {
    await app.register(
      ruleResource(deps, { kind: 'numbers', body: numberRule, permission: 'numberRules', noun: 'NumberRule', called: 'number' }),
    );
    await app.register(
      ruleResource(deps, { kind: 'capacity', body: capacityRule, permission: 'capacityRules', noun: 'CapacityRule', called: 'capacity' }),
    );
    await app.register(
      ruleResource(deps, { kind: 'regions', body: regionRule, permission: 'regionRules', noun: 'RegionRule', called: 'region' }),
    );
    await app.register(testNumbers(deps));
    await app.register(capacityStatements(deps));
    await app.register(rulesOfQueues(deps));
  };
