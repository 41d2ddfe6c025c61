"""The losses of the forms that are no SS-GAN, in plain PyTorch, as one would write them by hand. `OBJECTIVES` has them by the names of the forms.

Each has the discriminator's loss for real and generated images, and the generator's; `half` is the context in which networks run.
"""
import torch
import torch.nn.functional as F

INFOMAX, MASKED = 0.2, -10.0


def in_one_turn(x):
    """A quarter of the images in each turn, in their order, and the turns."""
    parts = x.chunk(4)
    return torch.cat([torch.rot90(p, k, (2, 3)) for k, p in enumerate(parts)]), torch.arange(4, device=x.device).repeat_interleave(len(parts[0]))


class LabelAugmented:
    """SSGAN-LA, multi-hinge: class 2t is "real, turned by t", class 2t + 1 "generated, turned by t"."""

    @staticmethod
    def hinge(a, y):
        margins = F.relu(1 + a - a.gather(1, y[:, None]))
        return margins.scatter(1, y[:, None], 0.0).sum() / (7 * len(a))

    def discriminator(self, d, real, fake, half):
        loss = 0
        for images, kind in ((real, 0), (fake, 1)):
            shown, turns = in_one_turn(images)
            with half:
                a = d.turns(shown)
            loss = loss + self.hinge(a.float(), 2 * turns + kind)
        return loss

    def generator(self, d, fake, _, half):
        shown, turns = in_one_turn(fake)
        with half:
            a = d.turns(shown)
        pairs = a.float().view(-1, 4, 2)[torch.arange(len(shown)), turns]
        return -8 / 7 * (pairs[:, 0] - pairs[:, 1]).mean()


class InfoMaxGan:
    """Hinge, and the contrast of places with images."""

    @staticmethod
    def contrast(local, pooled):
        n = len(pooled)
        products = (pooled @ local.t()).view(n, n, -1)
        own = torch.eye(n, dtype=torch.bool, device=pooled.device)
        positive = products[own]
        rest = products.masked_fill(own[:, :, None], MASKED).flatten(1)
        every = torch.cat([positive[:, :, None], rest[:, None].expand(-1, positive.shape[1], -1)], 2)
        return -F.log_softmax(every, 2)[:, :, 0].mean()

    def discriminator(self, d, real, fake, half):
        n = len(real)
        with half:
            logits, local, pooled = d.with_maps(torch.cat([real, fake]))
            projected = d.infomax(local[:n], pooled[:n])
        logits = logits.float()
        return F.relu(1 - logits[:n]).mean() + F.relu(1 + logits[n:]).mean() + INFOMAX * self.contrast(*(p.float() for p in projected))

    def generator(self, d, fake, _, half):
        with half:
            logits, local, pooled = d.with_maps(fake)
            projected = d.infomax(local, pooled)
        return -logits.float().mean() + INFOMAX * self.contrast(*(p.float() for p in projected))


class R3:
    """Pairs of a real and a generated image, with R1 + R2 of weight 1 in a pass of their own."""

    def discriminator(self, d, real, fake, half):
        n = len(real)
        with half:
            logits = d.critic(torch.cat([real, fake]))
        logits = logits.float().squeeze(1)
        x = torch.cat([real, fake]).requires_grad_(True)
        (slope,) = torch.autograd.grad(d.critic(x).sum(), x, create_graph=True)
        return F.softplus(logits[n:] - logits[:n]).mean() + slope.square().sum((1, 2, 3)).mean()

    def generator(self, d, fake, real, half):
        n = len(fake)
        with half:
            logits = d.critic(torch.cat([fake, real]))
        logits = logits.float().squeeze(1)
        return F.softplus(logits[n:] - logits[:n]).mean()


OBJECTIVES = {"mimicry-la": LabelAugmented(), "mimicry-infomax": InfoMaxGan(), "mimicry-r3": R3()}
