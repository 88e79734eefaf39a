import 'reflect-metadata';
import { equal } from 'node:assert/strict';
import { it } from 'node:test';
import { Test } from '@nestjs/testing';
import { orderPayNotify } from './flow.js';

void it('takes an order to its handler', async () => {
  const line = await orderPayNotify(async (module) => {
    const testing = await Test.createTestingModule({ imports: [module] }).compile();
    return testing.createNestApplication({ logger: ['error'] });
  });
  equal(line, 'true success ORDER1 paid true 1');
});
