import { Controller, Get } from '@nestjs/common';
import { Catalogue } from './catalogue.js';
import { cataloguePage } from './catalogue.page.js';

/** The first page. */
@Controller()
export class CatalogueController {
  constructor(private readonly catalogue: Catalogue) {}

  @Get()
  list(): string {
    return cataloguePage(this.catalogue.list());
  }
}
