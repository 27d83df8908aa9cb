package io.berth.http.engine;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The limits of a session, and its wiring to Netty. Against floods: a connection is closed that resets more streams in
 * {@value #RESET_SECONDS} seconds than it may, or makes us reset as many by its mistakes; that sends heads in many small pieces, or empty frames; or that
 * has us queue acknowledgements which it does not read. Priorities, which RFC 9113 has dropped, are ignored.
 */
final class Http2Setup extends AbstractHttp2ConnectionHandlerBuilder<Http2Session, Http2Setup> {

  private static final int FRAME = 64 * 1024;
  private static final int TURN = 16 * 1024;
  private static final int RESET_SECONDS = 30;
  private static final int SMALL_CONTINUATIONS = 16;
  private static final int EMPTY_FRAMES = 2;
  private static final int QUEUED_CONTROL_FRAMES = 1000;

  /** A window is widened exactly when the session says so. */
  private static final float AT_ONCE = 0.9999f;

  private final Listener listener;
  private final SocketAddress remote;
  private final boolean encrypted;

  Http2Setup(Listener listener, SocketAddress remote, boolean encrypted) {
    this.listener = listener;
    this.remote = remote;
    this.encrypted = encrypted;
  }

  @Override
  public Http2Session build() {
    EngineOptions.Capacity capacity = listener.engine().crowd().capacity();
    DefaultHttp2Connection connection = new DefaultHttp2Connection(true, 0);
    UniformStreamByteDistributor turns = new UniformStreamByteDistributor(connection);
    turns.minAllocationChunk(TURN);
    connection.remote().flowController(new DefaultHttp2RemoteFlowController(connection, turns));
    // the window of the connection refills itself, so that no stream waits for the reader of another one
    connection.local().flowController(new DefaultHttp2LocalFlowController(connection, AT_ONCE, true));
    connection(connection);
    frameListener(new Http2EventAdapter());
    initialSettings(
        new Http2Settings().maxConcurrentStreams(capacity.streams()).initialWindowSize(StreamCarrier.FIRST_WINDOW).maxFrameSize(FRAME)
            .maxHeaderListSize(listener.engine().options().limits().maxHeaderBytes()));
    gracefulShutdownTimeoutMillis(-1); // the server has a drain timeout of its own
    decoderEnforceMaxConsecutiveEmptyDataFrames(EMPTY_FRAMES);
    decoderEnforceMaxRstFramesPerWindow(capacity.resets(), RESET_SECONDS);
    encoderEnforceMaxRstFramesPerWindow(capacity.resets(), RESET_SECONDS);
    decoderEnforceMaxSmallContinuationFrames(SMALL_CONTINUATIONS);
    encoderEnforceMaxQueuedControlFrames(QUEUED_CONTROL_FRAMES);
    return super.build();
  }

  @Override
  protected Http2Session build(Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
    Http2Session session = new Http2Session(decoder, encoder, settings, listener, remote, encrypted);
    decoder.frameListener(new Frames(session));
    return session;
  }

  /** Passes frames on to the session. */
  private static final class Frames extends Http2EventAdapter {

    private final Http2Session session;

    Frames(Http2Session session) {
      this.session = session;
    }

    private @Nullable Http2Stream stream(int id) {
      return session.connection().stream(id);
    }

    @Override
    public void onHeadersRead(ChannelHandlerContext context, int id, Http2Headers head, int dependency, short weight, boolean exclusive,
        int padding, boolean end) {
      Http2Stream stream = stream(id);
      if (stream != null) {
        session.head(stream, head, end);
      }
    }

    @Override
    public int onDataRead(ChannelHandlerContext context, int id, ByteBuf data, int padding, boolean end) {
      Http2Stream stream = stream(id);
      return padding + (stream == null ? data.readableBytes() : session.data(stream, data, end));
    }

    @Override
    public void onWindowUpdateRead(ChannelHandlerContext context, int id, int increment) {
      if (id == 0) {
        session.windowGrew(null);
      } else {
        Http2Stream stream = stream(id);
        if (stream != null) {
          session.windowGrew(stream);
        }
      }
    }
  }
}
