import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { orderPayNotify } from './flow.js';

void orderPayNotify((module) => NestFactory.create(module, { logger: ['error'] })).then(console.log);
