import { Controller, Get } from '@nestjs/common';
import { RequestLanguage } from '../pages/request-language.js';
import type { Language } from '../payment-page/language.js';
import { Catalogue } from './catalogue.js';
import { cataloguePage } from './catalogue.page.js';

/** The first page. */
@Controller()
export class CatalogueController {
  constructor(private readonly catalogue: Catalogue) {}

  @Get()
  list(@RequestLanguage() language: Language): string {
    return cataloguePage(this.catalogue.list(), language);
  }
}
