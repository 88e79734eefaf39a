import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { orderPayNotify } from './flow.js';

void orderPayNotify((module) => NestFactory.create(module, new FastifyAdapter(), { logger: ['error'] })).then(
  console.log,
);
