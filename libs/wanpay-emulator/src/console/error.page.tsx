import { assetUrl } from './assets.js';
import { render } from './layout.js';

/** What went wrong, for a person. */
export function errorPage(message: string): string {
  return render(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>That did not work · WanPay emulator</title>
        <link rel="stylesheet" href={assetUrl('console.css')} />
      </head>
      <body>
        <main>
          <h1>That did not work</h1>
          <p>{message}</p>
          <p>
            <a href="/">All orders</a>
          </p>
        </main>
      </body>
    </html>,
  );
}
