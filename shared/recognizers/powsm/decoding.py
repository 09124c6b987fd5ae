"""Greedy decoding over ESPnet's Transformer decoder that computes every key and value once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from espnet.nets.pytorch_backend.transformer.attention import MultiHeadedAttention
from espnet2.asr.decoder.transformer_decoder import TransformerDecoder
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

# Room for keys and values is made in blocks of so many positions: one CUDA graph then serves prompts of many lengths.
BLOCK = 256


@dataclass(frozen=True)
class LayerCache:
    """The keys and values [batch, heads, positions or frames, features] that a decoder layer keeps."""

    keys: Tensor
    values: Tensor
    encoder_keys: Tensor
    encoder_values: Tensor


Step = Callable[[Tensor, Tensor], Tensor]
"""Takes tokens [batch, new] and their positions [new], returns the next token [batch]."""


class GreedyDecoder:
    """Writes the likeliest token after token, for a batch of encoded recordings with one prompt.

    Gives the tokens of ESPnet's `Speech2Text` at beam 1, whose `TransformerDecoder.forward_one_step` projects the
    encoder's output and all earlier tokens to keys and values again, in every layer, for every token.
    """

    def __init__(self, decoder: TransformerDecoder, end: int, never: slice) -> None:
        """Takes ESPnet's decoder, the token that ends a text, and the tokens that must not be written."""
        self._decoder = decoder
        self._end = end
        self._never = never
        self._graphs: dict[tuple[int, int], tuple[list[LayerCache], Step]] = {}

    @torch.inference_mode()
    def __call__(self, encoded: Tensor, prompt: Sequence[int], most: int) -> list[list[int]]:
        """Returns the tokens after the prompt, at most `most`, for each of `encoded` [batch, frames, features]."""
        batch, device = len(encoded), encoded.device
        room = -(-(len(prompt) + most) // BLOCK) * BLOCK
        kept, step = self._graph(batch, room, encoded) if encoded.is_cuda else self._eager(batch, room, encoded)
        for layer, memory in zip(self._decoder.decoders, kept, strict=True):
            memory.encoder_keys.copy_(_heads(layer.src_attn, layer.src_attn.linear_k(encoded)))
            memory.encoder_values.copy_(_heads(layer.src_attn, layer.src_attn.linear_v(encoded)))

        tokens = torch.tensor([list(prompt)] * batch, device=device)
        positions = torch.arange(room, device=device)
        following = self._step(kept, tokens, positions[: len(prompt)])
        written = [following.tolist()]
        for position in range(len(prompt), len(prompt) + most - 1):
            if all(self._end in column for column in zip(*written, strict=True)):
                break
            following = step(following[:, None], positions[position : position + 1])
            written.append(following.tolist())
        return [self._until_end(column) for column in zip(*written, strict=True)]

    def _until_end(self, tokens: Sequence[int]) -> list[int]:
        return list(tokens[: tokens.index(self._end)] if self._end in tokens else tokens)

    def _step(self, kept: list[LayerCache], tokens: Tensor, positions: Tensor) -> Tensor:
        """Reads tokens [batch, new] at positions [new], keeps their keys and values, returns the next token [batch]."""
        embedding, encoding = self._decoder.embed
        x = embedding(tokens)
        encoding.extend_pe(x)  # moves the position codes to where x is
        x = x * encoding.xscale + encoding.pe[0, positions]
        seen = torch.arange(kept[0].keys.shape[2], device=tokens.device) <= positions[:, None]
        for layer, memory in zip(self._decoder.decoders, kept, strict=True):
            attention, normed = layer.self_attn, layer.norm1(x)
            memory.keys.index_copy_(2, positions, _heads(attention, attention.linear_k(normed)))
            memory.values.index_copy_(2, positions, _heads(attention, attention.linear_v(normed)))
            x = x + _attend(attention, normed, memory.keys, memory.values, seen)
            x = x + _attend(layer.src_attn, layer.norm2(x), memory.encoder_keys, memory.encoder_values)
            x = x + layer.feed_forward(layer.norm3(x))
        scores = self._decoder.output_layer(self._decoder.after_norm(x[:, -1]))
        scores[:, self._never] = -torch.inf
        following: Tensor = scores.argmax(dim=-1)
        return following

    def _eager(self, batch: int, room: int, encoded: Tensor) -> tuple[list[LayerCache], Step]:
        kept = self._allocate_cache(batch, room, encoded)
        return kept, lambda tokens, positions: self._step(kept, tokens, positions)

    def _graph(self, batch: int, room: int, encoded: Tensor) -> tuple[list[LayerCache], Step]:
        """Returns memory, and the step over it recorded as a CUDA graph: launching kernels singly costs more."""
        if (batch, room) not in self._graphs:
            kept = self._allocate_cache(batch, room, encoded)
            tokens = torch.zeros(batch, 1, dtype=torch.long, device=encoded.device)
            positions = torch.zeros(1, dtype=torch.long, device=encoded.device)
            self._step(kept, tokens, positions)  # libraries set themselves up at first use, not while recording
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                following = self._step(kept, tokens, positions)

            def replay(new_tokens: Tensor, new_positions: Tensor) -> Tensor:
                tokens.copy_(new_tokens)
                positions.copy_(new_positions)
                graph.replay()
                return following

            self._graphs[batch, room] = kept, replay
        return self._graphs[batch, room]

    def _allocate_cache(self, batch: int, room: int, encoded: Tensor) -> list[LayerCache]:
        heads, features = self._decoder.decoders[0].self_attn.h, self._decoder.decoders[0].self_attn.d_k

        def zeros(positions: int) -> Tensor:
            return encoded.new_zeros(batch, heads, positions, features)

        frames = encoded.shape[1]
        return [LayerCache(zeros(room), zeros(room), zeros(frames), zeros(frames)) for _ in self._decoder.decoders]


def _attend(
    attention: MultiHeadedAttention, x: Tensor, keys: Tensor, values: Tensor, seen: Tensor | None = None
) -> Tensor:
    """Returns what x [batch, new, size] draws from keys and values [batch, heads, time, features] that it has seen."""
    queries = _heads(attention, attention.linear_q(x))
    drawn = scaled_dot_product_attention(queries, keys, values, seen)
    output: Tensor = attention.linear_out(drawn.transpose(1, 2).flatten(2))
    return output


def _heads(attention: MultiHeadedAttention, projected: Tensor) -> Tensor:
    """Returns [batch, time, size] as [batch, heads, time, features]."""
    batch, time, _ = projected.shape
    return projected.view(batch, time, attention.h, attention.d_k).transpose(1, 2)
