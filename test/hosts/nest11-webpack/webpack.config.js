/** All in one file, as for a serverless function; Nest looks for the packages it lacks, so they are told to be missing. */
const OPTIONAL = [
  '@nestjs/microservices',
  '@nestjs/microservices/microservices-module',
  '@nestjs/websockets/socket-module',
];

module.exports = (options, webpack) => ({
  ...options,
  externals: ['libsql', 'wanpay-emulator'],
  output: { ...options.output, libraryTarget: 'commonjs2' },
  plugins: [
    ...options.plugins,
    new webpack.IgnorePlugin({
      checkResource: (request) => {
        if (OPTIONAL.includes(request)) return true;
        if (!request.startsWith('class-transformer/') && request !== 'dotenv-expand') return false;
        try {
          require.resolve(request);
          return false;
        } catch {
          return true;
        }
      },
    }),
  ],
});
