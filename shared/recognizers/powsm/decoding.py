"""Greedy decoding with ESPnet's Transformer decoder and a KV cache."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from espnet.nets.pytorch_backend.transformer.attention import MultiHeadedAttention
from espnet2.asr.decoder.transformer_decoder import TransformerDecoder
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

# The cache has a multiple of so many positions: one CUDA graph then serves prompts of many lengths.
CACHE_BLOCK = 256


@dataclass(frozen=True)
class LayerCache:
    """The keys and values of a decoder layer.

    Of the tokens [batch, heads, positions, features], and of the encoder's output [batch, heads, frames, features].
    """

    keys: Tensor
    values: Tensor
    encoder_keys: Tensor
    encoder_values: Tensor


Step = Callable[[Tensor, Tensor], Tensor]
"""Takes tokens [batch, new] and their positions [new]. Returns the next token [batch]."""


class GreedyDecoder:
    """Writes the most probable token after token, for a batch of encoded recordings with one prompt.

    Returns the tokens of ESPnet's `Speech2Text` at beam 1. That has no KV cache: `TransformerDecoder.forward_one_step`
    (ESPnet 202511) projects the encoder's output and all earlier tokens again, in every layer, for every token.
    """

    def __init__(self, decoder: TransformerDecoder, end: int, suppress_tokens: slice) -> None:
        """Takes ESPnet's decoder, the token that ends a text, and the tokens that are not written."""
        self._decoder = decoder
        self._end = end
        self._suppress_tokens = suppress_tokens
        self._graphs: dict[tuple[int, int], tuple[list[LayerCache], Step]] = {}

    @torch.inference_mode()
    def __call__(self, encoded: Tensor, prompt: Sequence[int], max_tokens: int) -> list[list[int]]:
        """Returns at most `max_tokens` tokens after the prompt for each of `encoded` [batch, frames, features]."""
        batch, device = len(encoded), encoded.device
        size = -(-(len(prompt) + max_tokens) // CACHE_BLOCK) * CACHE_BLOCK
        if encoded.is_cuda:
            cache, step = self._graph(batch, size, encoded)
        else:
            cache = self._allocate_cache(batch, size, encoded)
            step = functools.partial(self._step, cache)
        for layer, layer_cache in zip(self._decoder.decoders, cache, strict=True):
            layer_cache.encoder_keys.copy_(_heads(layer.src_attn, layer.src_attn.linear_k(encoded)))
            layer_cache.encoder_values.copy_(_heads(layer.src_attn, layer.src_attn.linear_v(encoded)))

        tokens = torch.tensor([list(prompt)] * batch, device=device)
        positions = torch.arange(size, device=device)
        token = self._step(cache, tokens, positions[: len(prompt)])
        written = [token.tolist()]
        for position in range(len(prompt), len(prompt) + max_tokens - 1):
            if all(self._end in column for column in zip(*written, strict=True)):
                break
            token = step(token[:, None], positions[position : position + 1])
            written.append(token.tolist())
        columns = map(list, zip(*written, strict=True))
        return [tokens[: tokens.index(self._end)] if self._end in tokens else tokens for tokens in columns]

    def _step(self, cache: list[LayerCache], tokens: Tensor, positions: Tensor) -> Tensor:
        """Returns the next token [batch] after tokens [batch, new]; caches their keys and values at positions [new]."""
        embedding, encoding = self._decoder.embed
        x = embedding(tokens)
        encoding.extend_pe(x)  # moves the positional encoding to the device and type of x
        x = x * encoding.xscale + encoding.pe[0, positions]
        mask = torch.arange(cache[0].keys.shape[2], device=tokens.device) <= positions[:, None]
        for layer, layer_cache in zip(self._decoder.decoders, cache, strict=True):
            attention, normed = layer.self_attn, layer.norm1(x)
            layer_cache.keys.index_copy_(2, positions, _heads(attention, attention.linear_k(normed)))
            layer_cache.values.index_copy_(2, positions, _heads(attention, attention.linear_v(normed)))
            x = x + _attend(attention, normed, layer_cache.keys, layer_cache.values, mask)
            x = x + _attend(layer.src_attn, layer.norm2(x), layer_cache.encoder_keys, layer_cache.encoder_values)
            x = x + layer.feed_forward(layer.norm3(x))
        scores = self._decoder.output_layer(self._decoder.after_norm(x[:, -1]))
        scores[:, self._suppress_tokens] = -torch.inf
        token: Tensor = scores.argmax(dim=-1)
        return token

    def _graph(self, batch: int, size: int, encoded: Tensor) -> tuple[list[LayerCache], Step]:
        """Returns a cache of `size` positions, and the step that uses it, captured as a CUDA graph.

        To replay a graph takes less time than to launch its kernels one by one.
        """
        if (batch, size) not in self._graphs:
            cache = self._allocate_cache(batch, size, encoded)
            tokens = torch.zeros(batch, 1, dtype=torch.long, device=encoded.device)
            positions = torch.zeros(1, dtype=torch.long, device=encoded.device)
            self._step(cache, tokens, positions)  # libraries initialize at first use, which must not be captured
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                next_token = self._step(cache, tokens, positions)

            def replay(new_tokens: Tensor, new_positions: Tensor) -> Tensor:
                tokens.copy_(new_tokens)
                positions.copy_(new_positions)
                graph.replay()
                return next_token

            self._graphs[batch, size] = cache, replay
        return self._graphs[batch, size]

    def _allocate_cache(self, batch: int, size: int, encoded: Tensor) -> list[LayerCache]:
        """Returns an empty cache of `size` positions, on the device and of the type of `encoded`."""
        heads, features = self._decoder.decoders[0].self_attn.h, self._decoder.decoders[0].self_attn.d_k

        def zeros(positions: int) -> Tensor:
            return encoded.new_zeros(batch, heads, positions, features)

        frames = encoded.shape[1]
        return [LayerCache(zeros(size), zeros(size), zeros(frames), zeros(frames)) for _ in self._decoder.decoders]


def _attend(
    attention: MultiHeadedAttention, x: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None = None
) -> Tensor:
    """Returns the attention [batch, new, size] of x over keys and values [batch, heads, time, features].

    `mask` [new, time] is true where x may attend.
    """
    queries = _heads(attention, attention.linear_q(x))
    attended = scaled_dot_product_attention(queries, keys, values, mask)
    output: Tensor = attention.linear_out(attended.transpose(1, 2).flatten(2))
    return output


def _heads(attention: MultiHeadedAttention, projected: Tensor) -> Tensor:
    """Returns [batch, time, size] as [batch, heads, time, features]."""
    batch, time, _ = projected.shape
    return projected.view(batch, time, attention.h, attention.d_k).transpose(1, 2)
