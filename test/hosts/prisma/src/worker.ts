import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

// A process without a server, which only handles events.
void NestFactory.createApplicationContext(AppModule, { logger: false }).then(() => console.log('ready'));
