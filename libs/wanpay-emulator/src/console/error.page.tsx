import { Head, render } from './layout.js';

/** What went wrong, for a person. */
export function errorPage(message: string): string {
  return render(
    <html lang="en">
      <Head title="That did not work" />
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
