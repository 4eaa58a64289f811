//! Connections to PostgreSQL from which no more is read than a check may need. What reads them waits in
//! memory for the whole of a message, which is as long as the server says.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::sql::BYTES;

/// So many bytes are read: those of the rows, and what the protocol needs for them.
const MOST: usize = 4 * BYTES;

/// Bounds what is below a way to connect.
pub(super) struct Bounded<T>(pub(super) T);

/// Connects without encryption. To the crate it is a kind of it, since it lets nothing else be put
/// between the network and itself.
pub(super) struct Plain;

/// What may still be read.
pub(super) struct Stream<S> {
    stream: S,
    left: usize,
}

impl<S, T: MakeTlsConnect<Stream<S>>> MakeTlsConnect<S> for Bounded<T> {
    type Stream = T::Stream;
    type TlsConnect = Bounded<T::TlsConnect>;
    type Error = T::Error;

    fn make_tls_connect(&mut self, domain: &str) -> Result<Self::TlsConnect, Self::Error> {
        self.0.make_tls_connect(domain).map(Bounded)
    }
}

impl<S, T: TlsConnect<Stream<S>>> TlsConnect<S> for Bounded<T> {
    type Stream = T::Stream;
    type Error = T::Error;
    type Future = T::Future;

    fn connect(self, stream: S) -> Self::Future {
        self.0.connect(Stream { stream, left: MOST })
    }
}

impl<S: TlsStream + Unpin> MakeTlsConnect<S> for Plain {
    type Stream = S;
    type TlsConnect = Self;
    type Error = Infallible;

    fn make_tls_connect(&mut self, _: &str) -> Result<Self, Infallible> {
        Ok(Self)
    }
}

impl<S: TlsStream + Unpin> TlsConnect<S> for Plain {
    type Stream = S;
    type Error = Infallible;
    type Future = Ready<Result<S, Infallible>>;

    fn connect(self, stream: S) -> Self::Future {
        ready(Ok(stream))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Stream<S> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Stream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.left == 0 {
            let why = format!("the server sends more than {} MiB", MOST >> 20);
            return Poll::Ready(Err(io::Error::other(why)));
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.left = self.left.saturating_sub(buffer.filled().len() - before);
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Stream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
